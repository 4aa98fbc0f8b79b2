/**
 * Types of the part of the DOM that the inspector's script uses: this package is type-checked without
 * the DOM's own.
 *
 * @module
 */

/** An element of the page. Some members exist only on certain kinds of elements. */
export interface PageElement extends EventTarget {
  /** Its text. */
  textContent: string | null;
  /** Its classes. */
  className: string;
  /** Whether it is hidden. */
  hidden: boolean;
  /** Whether it is disabled. */
  disabled: boolean;
  /** Of a control: its value. */
  value: string;
  /** Of a radio button: whether it is checked. */
  checked: boolean;
  /** Of `<details>`: whether it is open. */
  open: boolean;
  /** Of `<input type=file>`: the chosen files. */
  readonly files: ArrayLike<File> | null;
  /** Its `data-` attributes. */
  readonly dataset: Record<string, string | undefined>;
  /** Scroll offset from the top, in pixels. */
  scrollTop: number;
  /** Height of its content, in pixels. */
  readonly scrollHeight: number;
  /** Height of its visible part, in pixels. */
  readonly clientHeight: number;
  /** Width of its visible part, in pixels. */
  readonly clientWidth: number;
  /** Number of child elements. */
  readonly childElementCount: number;
  /** The first child element. */
  readonly firstElementChild: PageElement | null;
  /** Appends content. */
  append(...content: (PageElement | string)[]): void;
  /** Replaces the content. */
  replaceChildren(...content: (PageElement | string)[]): void;
  /** Sets an attribute. */
  setAttribute(name: string, value: string): void;
  /** Removes it from the page. */
  remove(): void;
  /** Gives it the keyboard focus. */
  focus(): void;
  /** Of a form: validates and submits it. */
  requestSubmit(): void;
}

/** The page. */
export interface PageDocument {
  /** Returns the element with an id. */
  getElementById(id: string): PageElement | null;
  /** Returns the elements that match a selector. */
  querySelectorAll(selector: string): Iterable<PageElement>;
  /** Makes an element. */
  createElement(name: string): PageElement;
}
