// Header values: tokens, lists, and the grammar of extensions (RFC 9110, 5.6; RFC 6455, 9.1).

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Extension,
  isToken,
  listOf,
  readExtensions,
} from "../../src/handshake/header_grammar.ts";

test("tokens are of one kind of characters, and not empty", () => {
  for (const token of ["a", "!#$%&'*+-.^_`|~", "chat.v2", "0"]) assert.ok(isToken(token), token);
  for (const text of ["", "a b", " a", "a,b", "a;b", '"a"', "a=b", "\u00e9", "a\n", "{", "a/b"]) {
    assert.equal(isToken(text), false, text);
  }
});

test("the elements of a list are without blanks, and never empty", () => {
  const lists: [value: string, elements: string[]][] = [
    ["", []],
    [" ,\t,, ", []],
    ["a", ["a"]],
    ["a,b", ["a", "b"]],
    [" a , b\t,,c", ["a", "b", "c"]],
    ["a b, c", ["a b", "c"]],
  ];
  for (const [value, elements] of lists) {
    assert.deepEqual(listOf(new Headers({ a: value }), "A"), elements, value);
  }
  assert.deepEqual(listOf(new Headers(), "a"), []);
});

const EXTENSIONS: readonly [header: string, extensions: Extension[]][] = [
  ["", []],
  [" , ,\t", []],
  ["a", [{ name: "a", parameters: [] }]],
  [" a ,, b,", [{ name: "a", parameters: [] }, { name: "b", parameters: [] }]],
  ["a;b", [{ name: "a", parameters: [["b", undefined]] }]],
  ["a ; b ;c = d", [{ name: "a", parameters: [["b", undefined], ["c", "d"]] }]],
  ['a;b="c"', [{ name: "a", parameters: [["b", "c"]] }]],
  ['a;b="1\\0" , c', [
    { name: "a", parameters: [["b", "10"]] },
    { name: "c", parameters: [] },
  ]],
  ["a;b;b=1", [{ name: "a", parameters: [["b", undefined], ["b", "1"]] }]],
];

for (const [header, extensions] of EXTENSIONS) {
  test(`the extensions ${JSON.stringify(header)} are read`, () => {
    assert.deepEqual(readExtensions(header), extensions);
  });
}

const MALFORMED = [
  "a b",
  ";",
  ";a",
  "a;",
  "a;;b",
  "a,;",
  "a;b=",
  "a;b= ,c",
  "a;=b",
  "=",
  "a=b",
  'a;b="',
  'a;b="c',
  'a;b="c\\',
  'a;b="c\\"',
  'a;b=""',
  'a;b="c d"',
  'a;b="c,d"',
  'a;b="c"d',
  'a;b=c"d"',
  'a;"b"',
  '"a"',
  "a;b=\u00e9",
  "a@",
  "a\n",
  `a${'", '.repeat(34)}@`,
];

for (const header of MALFORMED) {
  test(`the extensions ${JSON.stringify(header)} are malformed`, () => {
    assert.equal(readExtensions(header), undefined);
  });
}
