// Watches with `fetch`, which takes gzip apart by itself, and with `eventsource` on top of it, and prints what each has seen.
// usage: node compressed.mjs <url>
import { EventSource } from 'eventsource'

const url = process.argv[2]
const source = new EventSource(url)
source.addEventListener('ready', () => console.log('eventsource ready'))
source.addEventListener('update', event => console.log(`eventsource ${JSON.parse(event.data).version}`))

const answer = await fetch(url, { headers: { accept: 'text/event-stream' } })
console.log(`coding ${answer.headers.get('content-encoding')}`)
let text = ''
for await (const part of answer.body.pipeThrough(new TextDecoderStream())) {
  text += part
  const events = text.split('\n\n')
  text = events.pop()
  for (const event of events) {
    const name = /^event: (.*)$/m.exec(event)?.[1]
    if (name !== undefined) {
      console.log(`fetch ${name === 'update' ? JSON.parse(/^data: (.*)$/m.exec(event)[1]).version : name}`)
    }
  }
}
console.log(`fetch has ended, with ${JSON.stringify(text)} left`)
source.close()
