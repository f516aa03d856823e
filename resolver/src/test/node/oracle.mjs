// Answers cases, one JSON line each, as the types from npm do. A batch ends with an empty line and is answered as a whole.
import { createInterface } from 'node:readline'
import { type as text } from 'ot-text-unicode'
import json0 from 'ot-json0'

const types = { text, json0: json0.type }
// json0 works on the document that it is given.
const copy = value => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)))

function answer({ type: name, document, a, b, next }) {
  const type = types[name]
  const applied = type.apply(copy(document), copy(a))
  if (b === undefined) return { applied }
  return {
    applied,
    right: type.transform(copy(b), copy(a), 'right'),
    left: type.transform(copy(a), copy(b), 'left'),
    composed: type.compose(copy(a), copy(next)),
    inverse: name === 'text' ? type.invertWithDoc(copy(a), document) : type.invert(copy(a)),
  }
}

// A path through __proto__ or constructor writes into what all objects share, and so into the cases that follow.
const shared = [Object, Array, String, Number, Boolean, Function]
  .flatMap(type => [type, type.prototype])
  .map(object => [object, Object.getOwnPropertyDescriptors(object)])

function restore() {
  for (const [object, properties] of shared) {
    Reflect.ownKeys(object).filter(key => !Object.hasOwn(properties, key)).forEach(key => delete object[key])
    for (const key of Reflect.ownKeys(properties)) {
      if (properties[key].configurable) Object.defineProperty(object, key, properties[key])
    }
  }
}

function line(input) {
  try {
    return JSON.stringify(answer(JSON.parse(input)))
  } catch (e) {
    return JSON.stringify({ refused: String(e.message) })
  } finally {
    if (input.includes('__proto__') || input.includes('constructor')) restore()
  }
}

let batch = []
for await (const input of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  if (input !== '') {
    batch.push(input)
    continue
  }
  const answers = batch.map(line)
  batch = []
  process.stdout.write(answers.join('\n') + '\n')
}
