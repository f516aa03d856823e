// Subscribes with `centrifuge` and does what it is told, a JSON object a line on its input; prints what comes, an object a line.
// usage: node channels.mjs <ws://host:port/connection/websocket> [channel ...]
//   what subscribing.mjs knows, and {"do":"break"}: the socket, without a word; it comes back by itself
// It ends when its input does. What is done is answered with {"done":<what>,"result":…} or {"done":<what>,"error":…}.
import { createInterface } from 'node:readline'
import { Centrifuge } from 'centrifuge'
import WebSocket from 'ws'
import { subscriber } from './subscribing.mjs'

const [url, ...channels] = process.argv.slice(2)

let socket
class Socket extends WebSocket {
  constructor(...args) {
    super(...args)
    socket = this
  }
}

function print(event) {
  console.log(JSON.stringify(event))
}

// Nobody reads it yet; it is asked for once a connection, as the documentation of the client has it.
const getToken = async () => {
  print({ event: 'token' })
  return 'no secret'
}

const client = new Centrifuge(url, { websocket: Socket, getToken, minReconnectDelay: 50, maxReconnectDelay: 500, timeout: 10_000 })
const tell = subscriber(client, print)
channels.forEach(channel => tell({ do: 'subscribe', channel }))
client.connect()
for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line)
  if (command.do === 'break') {
    socket.terminate()
  } else {
    await tell(command)
  }
}
client.disconnect()
