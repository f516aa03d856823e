// Stands between clients and a gateway, and does to their connections what networks and proxies do. Prints its port, how many
// connections it has torn and the target of each request that it refuses, a JSON object a line.
// usage: node relay.mjs <port of the gateway> <seed>
//   {"tear":[600,3000]}   ends each connection after so many bytes from the gateway, by chance, wherever that is
//   {"refuse":502}        ends all that there are, and answers new ones with that
//   {}                    lets them be, from then on
// It ends when its input does.
import { connect, createServer } from 'node:net'
import { createInterface } from 'node:readline'

const [port, seed] = process.argv.slice(2).map(Number)
const ends = new Set()
let mode = {}
let torn = 0
let state = seed

function print(line) {
  console.log(JSON.stringify(line))
}

/** The generator of Park and Miller: the same seed, the same tears. */
function random([least, most]) {
  state = (state * 48271) % 2147483647
  return least + (state % (most - least))
}

const server = createServer(near => {
  near.on('error', () => near.destroy())
  const status = mode.refuse
  if (status) {
    near.once('data', request => {
      print({ refused: request.toString().split(' ', 2)[1] })
      near.end(`HTTP/1.1 ${status} Nobody There\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`)
    })
    return
  }
  const far = connect(port, '127.0.0.1')
  const end = () => {
    near.destroy()
    far.destroy()
    ends.delete(end)
  }
  ends.add(end)
  near.on('close', end)
  far.on('close', end).on('error', end)
  near.pipe(far)
  let left = mode.tear ? random(mode.tear) : Infinity
  far.on('data', bytes => {
    near.write(bytes.subarray(0, Math.min(left, bytes.length)))
    left -= bytes.length
    if (left <= 0) {
      far.destroy()
      near.end()
      print({ torn: ++torn })
    }
  })
})
server.listen(0, '127.0.0.1', () => print({ port: server.address().port }))

for await (const line of createInterface({ input: process.stdin })) {
  mode = JSON.parse(line)
  if (mode.refuse || mode.tear) {
    ends.forEach(end => end())
  }
}
ends.forEach(end => end())
server.close()
