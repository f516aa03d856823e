// Writes over each way in, and sees it over each way out, with clients that are not ours.
// usage: node clients.mjs <gateway> <kafka> <context id>
import assert from 'node:assert/strict'
import { CloudEvent, Kafka as KafkaBinding, httpTransport, emitterFor, Mode } from 'cloudevents'
import { EventSource } from 'eventsource'
import { Kafka, logLevel } from 'kafkajs'

const [gateway, brokers, id] = process.argv.slice(2)
const key = `customer/${id}`
const url = `${gateway}/v1/contexts/customer/${encodeURIComponent(id)}`
const DEADLINE = 30_000

/** Collects what comes, and gives it to whoever waits for it. */
class Arrivals {
  all = []
  #waiting = []

  push(arrival) {
    this.all.push(arrival)
    this.#waiting.forEach(check => check())
  }

  until(what, found) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${what}: not within ${DEADLINE} ms; came: ${JSON.stringify(this.all)}`)), DEADLINE)
      const check = () => {
        const arrival = this.all.find(found)
        if (arrival) {
          clearTimeout(timer)
          this.#waiting = this.#waiting.filter(other => other !== check)
          resolve(arrival)
        }
      }
      this.#waiting.push(check)
      check()
    })
  }
}

const seen = new Arrivals()
const source = new EventSource(url)
for (const name of ['snapshot', 'ready', 'update', 'deleted', 'reset']) {
  source.addEventListener(name, event => seen.push({ name, id: event.lastEventId, ...JSON.parse(event.data) }))
}
await seen.until('ready', event => event.name === 'ready')

const kafka = new Kafka({ clientId: 'somebody', brokers: [brokers], logLevel: logLevel.ERROR })
const records = new Arrivals()
const consumer = kafka.consumer({ groupId: `somebody-${id}` })
await consumer.connect()
await consumer.subscribe({ topic: 'customer-updates', fromBeginning: true })
await consumer.run({
  eachMessage: async ({ message }) => {
    if (message.key.toString() === id) {
      const event = KafkaBinding.toEvent({ ...message, headers: texts(message.headers), value: message.value.toString() })
      records.push({ id: event.id, type: event.type, subject: event.subject, ...JSON.parse(message.value.toString()) })
    }
  },
})
const producer = kafka.producer()
await producer.connect()

function texts(headers) {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.toString()]))
}

function event(change) {
  return new CloudEvent({ type: 'com.example.changed', source: '/somebody', subject: key, data: change })
}

function send(message) {
  return producer.send({ topic: 'customer-events', messages: [message] })
}

/** What the binding makes of an event, as kafkajs takes it: attributes that are not there are no headers. */
function record({ value, headers }) {
  return {
    key: id,
    value: typeof value === 'string' ? value : JSON.stringify(value),
    headers: Object.fromEntries(Object.entries(headers).filter(([, text]) => text !== undefined)),
  }
}

const emit = mode => emitterFor(httpTransport(`${gateway}/v1/events`), { mode })

const ways = {
  'HTTP PATCH by fetch': async change => {
    const answer = await fetch(url, {
      method: 'PATCH',
      headers: { 'content-type': 'application/merge-patch+json' },
      body: JSON.stringify(change),
    })
    assert.equal(answer.status, 202, await answer.text())
  },
  'HTTP binary by cloudevents': async change => emit(Mode.BINARY)(event(change)),
  'HTTP structured by cloudevents': async change => emit(Mode.STRUCTURED)(event(change)),
  'Kafka plain by kafkajs': change => send({ key: id, value: JSON.stringify(change) }),
  'Kafka binary by kafkajs and cloudevents': change => send(record(KafkaBinding.binary(event(change)))),
  'Kafka structured by kafkajs and cloudevents': change => send(record(KafkaBinding.structured(event(change)))),
}

const state = {}
let version = 0
for (const [way, write] of Object.entries(ways)) {
  version++
  state[`n${version}`] = way
  await write({ [`n${version}`]: way })

  const update = await seen.until(`${way}, by eventsource`, event => event.version === version)
  assert.equal(update.name, 'update')
  assert.equal(update.key, key)
  assert.deepEqual(update.state, state)

  const answer = await fetch(url, { headers: { 'sluice-min-version': String(version) } })
  assert.equal(answer.status, 200)
  assert.equal(answer.headers.get('sluice-version'), String(version))
  assert.deepEqual(await answer.json(), state)

  const out = await records.until(`${way}, by kafkajs`, record => record.version === version)
  assert.equal(out.id, `${key}/1/${version}`)
  assert.equal(out.type, 'io.sluice.updated')
  assert.equal(out.subject, key)
  assert.deepEqual(out.state, state)
  console.log(`seen everywhere: ${way}`)
}

await send({ key: id, value: null })
version++
await seen.until('the deletion, by eventsource', event => event.name === 'deleted' && event.version === version)
assert.equal((await fetch(url)).status, 410)
const deletion = await records.until('the deletion, by kafkajs', record => record.version === version)
assert.equal(deletion.type, 'io.sluice.deleted')
assert.equal(deletion.deleted, true)
console.log('seen everywhere: a deletion')

assert.deepEqual(seen.all.map(event => event.name), ['ready', ...Array(version - 1).fill('update'), 'deleted'])
source.close()
await producer.disconnect()
await consumer.disconnect()
