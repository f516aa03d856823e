// What a page is told to do; what comes stands in it, and is printed to the console, a JSON object a line.
import { subscriber } from './subscribing.mjs'
import { watch } from './watching.mjs'

const list = document.querySelector('pre')
const sources = { EventSource, ReconnectingEventSource }
let tell

function print(line) {
  const text = JSON.stringify(line)
  list.append(text, '\n')
  console.log(text)
}

globalThis.page = {
  watch: ({ source = 'EventSource', ...feed }) => {
    watch(sources[source], { withCredentials: true, ...feed }, print)
  },
  connect: ({ url, channels }) => {
    const client = new Centrifuge(url, { minReconnectDelay: 50, maxReconnectDelay: 500, timeout: 10_000 })
    tell = subscriber(client, print)
    channels.forEach(channel => tell({ do: 'subscribe', channel }))
    client.connect()
  },
  tell: command => tell(command),
}
