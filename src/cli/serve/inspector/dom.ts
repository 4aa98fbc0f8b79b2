/**
 * The part of the DOM that the inspector's script uses. Written down here, since the rest of this
 * package is checked without a DOM.
 *
 * @module
 */

/** An element of the page, of whatever kind: each has what its kind has. */
export interface PageElement extends EventTarget {
  /** Its text. */
  textContent: string | null;
  /** Its classes. */
  className: string;
  /** Whether it is left out. */
  hidden: boolean;
  /** Whether it is greyed out. */
  disabled: boolean;
  /** Of a control: what is entered. */
  value: string;
  /** Of a radio button: whether it is chosen. */
  checked: boolean;
  /** Of `<details>`: whether it is open. */
  open: boolean;
  /** Of `<input type=file>`: what was picked. */
  readonly files: ArrayLike<File> | null;
  /** Its `data-` attributes. */
  readonly dataset: Record<string, string | undefined>;
  /** How far it is scrolled down. */
  scrollTop: number;
  /** How high its content is. */
  readonly scrollHeight: number;
  /** How high it is itself. */
  readonly clientHeight: number;
  /** How wide it is. */
  readonly clientWidth: number;
  /** How many elements it holds. */
  readonly childElementCount: number;
  /** The first element in it. */
  readonly firstElementChild: PageElement | null;
  /** Adds content. */
  append(...content: (PageElement | string)[]): void;
  /** Sets the content. */
  replaceChildren(...content: (PageElement | string)[]): void;
  /** Sets an attribute. */
  setAttribute(name: string, value: string): void;
  /** Takes it away. */
  remove(): void;
  /** Gives it the keyboard. */
  focus(): void;
  /** Checks and submits a form. */
  requestSubmit(): void;
}

/** The page. */
export interface PageDocument {
  /** The element with an id. */
  getElementById(id: string): PageElement | null;
  /** The elements that a selector finds. */
  querySelectorAll(selector: string): Iterable<PageElement>;
  /** A new element. */
  createElement(name: string): PageElement;
}
