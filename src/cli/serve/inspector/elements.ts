/** Finds and makes the page's elements. The page gets this function's source. @module */

import type { PageDocument, PageElement } from "./dom.ts";

/** Functions on elements that all parts of the script use. */
export interface Elements {
  /** Returns the element with an id, or throws. */
  get(id: string): PageElement;
  /** Makes an element with a class and content. */
  make(name: string, className: string, ...content: (PageElement | string)[]): PageElement;
  /** Formats milliseconds: `+12.3 ms`, `+1.23 s`. */
  after(milliseconds: number): string;
}

/** Binds the functions to a page. */
export function elementsOf(document: PageDocument): Elements {
  return {
    get(id) {
      const element = document.getElementById(id);
      if (element === null) throw new Error(`Cannot find #${id} in the page`);
      return element;
    },
    make(name, className, ...content) {
      const element = document.createElement(name);
      if (className !== "") element.className = className;
      element.append(...content);
      return element;
    },
    after(milliseconds) {
      if (milliseconds >= 1000) return `+${(milliseconds / 1000).toFixed(2)} s`;
      return `+${milliseconds.toFixed(milliseconds < 100 ? 1 : 0)} ms`;
    },
  };
}
