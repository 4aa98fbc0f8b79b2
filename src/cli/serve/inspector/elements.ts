/** Finds and makes the page's elements. The page gets this function's source. @module */

import type { PageDocument, PageElement } from "./dom.ts";

/** What the parts of the script work with. */
export interface Elements {
  /** The element with an id. */
  get(id: string): PageElement;
  /** A new element with a class and content. */
  make(name: string, className: string, ...content: (PageElement | string)[]): PageElement;
  /** Shows milliseconds: `+12.3 ms`, `+1.234 s`. */
  after(milliseconds: number): string;
}

/** Binds to a page. */
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
