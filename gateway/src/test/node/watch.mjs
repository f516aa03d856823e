// Watches with `eventsource` until it is stopped, whatever the other end does, and prints what comes.
// usage: node watch.mjs <url>
import { EventSource } from 'eventsource'

const source = new EventSource(process.argv[2])
for (const name of ['snapshot', 'ready', 'update', 'deleted', 'reset']) {
  source.addEventListener(name, event => console.log(`${name} ${JSON.parse(event.data).version ?? ''}`.trim()))
}
source.onerror = error => {
  if (source.readyState === EventSource.CLOSED) {
    console.log(`given up: ${error.message}`)
    process.exit(1)
  }
}
