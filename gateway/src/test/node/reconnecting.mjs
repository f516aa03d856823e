// Watches with `reconnecting-eventsource` over `eventsource` until its input ends, and prints what comes, a JSON object a line.
// usage: node reconnecting.mjs <url>
import { EventSource } from 'eventsource'
import ReconnectingEventSource from 'reconnecting-eventsource'
import { watch } from './watching.mjs'

const source = watch(
  ReconnectingEventSource,
  { url: process.argv[2], eventSourceClass: EventSource, max_retry_time: 200 },
  line => console.log(JSON.stringify(line)))
process.stdin.resume().on('end', () => source.close())
