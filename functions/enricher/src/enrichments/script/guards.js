// Puts a price on built-in functions that take long without asking the engine whether they may go on.
(function (charge) {
  'use strict';
  const { apply, getOwnPropertyDescriptor, ownKeys } = Reflect;
  const { isArray, prototype: arrays } = Array;
  const Text = String, Wrong = TypeError, Pattern = RegExp;
  const spreadable = Symbol.isConcatSpreadable;

  const replace = (object, name, made) => {
    const inner = object[name];
    if (typeof inner !== 'function') return;
    const outer = made(inner);
    Object.defineProperty(outer, 'name', { value: name });
    Object.defineProperty(object, name, { value: outer, writable: true, configurable: true });
  };
  const each = (object, names, made) => names.split(' ').forEach((name) => replace(object, name, made));

  // A length that cannot change between being asked for and being used.
  const lengthOf = (self) => {
    if (isArray(self) || typeof self === 'string') return self.length;
    if (self === null || typeof self !== 'object') return 0;
    const own = getOwnPropertyDescriptor(self, 'length');
    if (own !== undefined && typeof own.value === 'number') return own.value;
    if (own === undefined && !('length' in self)) return 0;
    throw new Wrong('this function takes arrays');
  };
  each(arrays, 'reverse join sort copyWithin unshift shift splice slice toReversed toSorted toSpliced with fill'
    + ' toLocaleString lastIndexOf indexOf includes', (inner) => function (...given) {
    charge(lengthOf(this));
    return apply(inner, this, given);
  });
  replace(arrays, 'concat', (inner) => function (...given) {
    for (const part of [this, ...given]) {
      if (isArray(part) || (part !== null && typeof part === 'object' && part[spreadable] !== undefined)) charge(lengthOf(part));
    }
    return apply(inner, this, given);
  });
  const flatten = (from, depth, into) => {
    for (let index = 0; index < from.length; index += 1) {
      if (!(index in from)) continue;
      const part = from[index];
      if (depth > 0 && isArray(part)) flatten(part, depth - 1, into); else into.push(part);
    }
    return into;
  };
  replace(arrays, 'flat', () => function (depth = 1) { return flatten(this, depth, []); });
  replace(arrays, 'flatMap', () => function (made, self) {
    return flatten(arrays.map.call(this, made, self), 1, []);
  });

  const texts = Text.prototype;
  // Looking for a text in a text compares up to their product; a regular expression asks on its own.
  each(texts, 'indexOf lastIndexOf includes split replace replaceAll startsWith endsWith', (inner) => function (pattern, ...more) {
    if (this === null || this === undefined) return apply(inner, this, [pattern, ...more]);
    const self = Text(this);
    if (pattern instanceof Pattern) charge(self.length);
    else {
      if (pattern !== undefined) pattern = Text(pattern);
      charge(self.length + self.length * lengthOf(pattern ?? '') / 8);
    }
    return apply(inner, self, arguments.length === 0 ? [] : [pattern, ...more]);
  });
  const linear = (inner) => function (...given) {
    if (this !== null && this !== undefined) charge(Text(this).length);
    return apply(inner, this, given);
  };
  each(texts, 'toUpperCase toLowerCase toLocaleUpperCase toLocaleLowerCase normalize trim trimStart trimEnd'
    + ' isWellFormed toWellFormed search match matchAll', linear);
  const paidByResult = (inner) => function (...given) {
    const result = apply(inner, this, given);
    charge(lengthOf(result));
    return result;
  };
  each(texts, 'repeat padStart padEnd concat', paidByResult);
  replace(texts, 'localeCompare', (inner) => function (other) {
    const [self, text] = [Text(this), Text(other)];
    charge(self.length + text.length);
    return apply(inner, self, [text]);
  });
  each(Object, 'keys values entries getOwnPropertyNames', paidByResult);
  replace(Object, 'assign', (inner) => function (...given) {
    for (const from of given) if (from !== null && typeof from === 'object') charge(ownKeys(from).length);
    return apply(inner, this, given);
  });
  replace(JSON, 'stringify', paidByResult);
  const paidByText = (inner) => function (text, ...more) {
    text = Text(text);
    charge(text.length);
    return apply(inner, this, [text, ...more]);
  };
  replace(JSON, 'parse', paidByText);
  each(globalThis, 'parseInt parseFloat encodeURI encodeURIComponent decodeURI decodeURIComponent escape unescape', paidByText);
  each(Number, 'parseInt parseFloat', paidByText);
  const typed = Object.getPrototypeOf(Uint8Array.prototype);
  const typedLength = getOwnPropertyDescriptor(typed, 'length').get;
  each(typed, 'indexOf includes lastIndexOf join sort reverse fill copyWithin slice set toSorted toReversed with toLocaleString',
    (inner) => function (...given) {
      charge(apply(typedLength, this, []));
      return apply(inner, this, given);
    });

  // Big integers take as long as they like, and code in texts could make them.
  for (const name of ['BigInt', 'BigInt64Array', 'BigUint64Array', 'DataView', 'SharedArrayBuffer', 'Atomics', 'eval', 'Iterator']) {
    delete globalThis[name];
  }
  function refused() { throw new Wrong('code in a text is not run'); }
  for (const made of [function () {}, function* () {}, async function () {}, async function* () {}]) {
    Object.defineProperty(Object.getPrototypeOf(made), 'constructor', { value: refused });
  }
  refused.prototype = Function.prototype;
  Object.defineProperty(globalThis, 'Function', { value: refused, writable: true, configurable: true });
})
