// What a script sees of an event and of the engine, put in place before the script is read.
(function (host, columns, parametersText) {
  'use strict';
  const { read, write, derived, drop, erase, random, now } = host;
  const { stringify, parse } = JSON;
  const { construct } = Reflect;
  const NativeDate = Date, Text = String, Wrong = TypeError, Truth = Boolean, Num = Number;
  const parameters = parse(parametersText);
  // The one event that may be asked. A script can keep an event, but not look into it later.
  let current = null;

  const alive = (event) => {
    if (event !== current) throw new Wrong('the event is no longer there');
  };

  // Numbers and booleans are texts in the row, so a script may give them as they are.
  const asText = (value, method) => {
    if (value === null || value === undefined) return '';
    const isWrapped = value instanceof Text || value instanceof Num || value instanceof Truth;
    if (typeof value !== 'object' && typeof value !== 'function' && typeof value !== 'symbol' || isWrapped) {
      return Text(value);
    }
    throw new Wrong(`${method} takes a text, a number or null, not ${typeof value}`);
  };

  class Event {
    drop() { alive(this); drop(); }
    eraseDerived_contexts() { alive(this); erase(); }
    getDerived_contexts() { alive(this); return derived() ?? null; }
    // It is there, and does nothing, as in Snowplow.
    setDerived_contexts() { alive(this); }
  }

  const hidden = (object, name, value) =>
    Object.defineProperty(object, name, { value, writable: true, configurable: true });

  const addColumn = (index, name, isNumber) => {
    const capital = name[0].toUpperCase() + name.slice(1);
    const [getter, setter] = [`get${capital}`, `set${capital}`];
    if (!(getter in Event.prototype)) {
      hidden(Event.prototype, getter, isNumber
        ? function () { alive(this); const text = read(index); return text === undefined ? null : Num(text); }
        : function () { alive(this); return read(index) ?? null; });
      hidden(Event.prototype, setter, function (value) {
        alive(this);
        const problem = write(index, asText(value, setter));
        if (problem !== undefined) throw new Wrong(`${setter}: ${problem}`);
      });
    }
    Object.defineProperty(Event.prototype, name, { get: Event.prototype[getter], set: Event.prototype[setter] });
  };
  for (let index = 0; index < columns.length; index += 2) addColumn(index / 2, columns[index], columns[index + 1]);

  // Time and chance come from the event, so that it has the same fate whenever it is processed.
  const HostDate = function Date(...parts) {
    if (new.target === undefined) return new HostDate().toString();
    return construct(NativeDate, parts.length === 0 ? [now()] : parts, new.target);
  };
  HostDate.prototype = NativeDate.prototype;
  hidden(NativeDate.prototype, 'constructor', HostDate);
  hidden(HostDate, 'now', () => now());
  hidden(HostDate, 'parse', NativeDate.parse);
  hidden(HostDate, 'UTC', NativeDate.UTC);
  hidden(globalThis, 'Date', HostDate);
  hidden(Math, 'random', () => random());
  hidden(globalThis, 'print', () => {});

  const describe = (thrown) => {
    try { return Text(thrown); } catch { return 'something that has no text'; }
  };

  // Gives `=` and the entities as JSON, `?` if there is no such text, or `!` and what was thrown.
  const run = (headers) => {
    const event = current = new Event();
    try {
      const given = process(event, parameters, headers);
      if (given === null || given === undefined) return '=[]';
      const text = stringify(given);
      return text === undefined ? '?' : '=' + text;
    } catch (thrown) {
      return '!' + describe(thrown);
    } finally {
      current = null;
    }
  };
  const check = () => typeof process === 'function';
  Object.defineProperty(globalThis, ' run', { value: run });
  Object.defineProperty(globalThis, ' check', { value: check });
})
