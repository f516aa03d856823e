// Serves page.html and what is in it at an origin of its own, opens it in Chromium, and calls the functions of page.mjs there as
// it is told, a JSON object a line on its input. Prints what the pages print, an object a line, and each answer that they get.
// usage: node browser.mjs <Chromium>
//   {"page":"a","call":"watch","with":{"feed":"1","url":"http://…"}}   in the page of that name, opened when it is first named
//   {"page":"b","host":"127.0.0.1",…}                                  the same in a page of that host, else of localhost
//   {"close":true}                                                     all pages
// It ends when its input does.
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createInterface } from 'node:readline'
import { chromium } from 'playwright-core'

const SERVED = {
  '/': ['text/html', 'page.html'],
  '/page.mjs': ['text/javascript', 'page.mjs'],
  '/subscribing.mjs': ['text/javascript', 'subscribing.mjs'],
  '/watching.mjs': ['text/javascript', 'watching.mjs'],
  '/centrifuge.js': ['text/javascript', 'node_modules/centrifuge/dist/centrifuge.js'],
  '/reconnecting.js': ['text/javascript', 'node_modules/reconnecting-eventsource/dist/ReconnectingEventSource.min.js'],
}

const server = createServer(async ({ url }, answer) => {
  const [type, file] = SERVED[url] ?? []
  answer.writeHead(file ? 200 : 404, { 'content-type': type ?? 'text/plain' }).end(file && await readFile(file))
})
await new Promise(listening => server.listen(0, listening))

const browser = await chromium.launch({
  executablePath: process.argv[2],
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
})
const context = await browser.newContext({ ignoreHTTPSErrors: true })
const pages = new Map()

function print(line) {
  console.log(JSON.stringify(line))
}

print({ origin: `http://localhost:${server.address().port}` })

async function open(name, host = 'localhost') {
  const page = await context.newPage()
  page.on('console', message => message.text().startsWith('{')
    ? print({ page: name, ...JSON.parse(message.text()) })
    : print({ page: name, console: message.text() }))
  page.on('pageerror', error => print({ page: name, failed: error.message }))
  const devtools = await context.newCDPSession(page)
  await devtools.send('Network.enable')
  devtools.on('Network.responseReceived', ({ response: { url, status, protocol } }) => print({ page: name, url, status, protocol }))
  await page.goto(`http://${host}:${server.address().port}/`)
  return page
}

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line)
  if (command.close) {
    await Promise.all([...pages.values()].map(page => page.close()))
    pages.clear()
    continue
  }
  const page = pages.get(command.page) ?? await open(command.page, command.host)
  pages.set(command.page, page)
  await page.evaluate(([call, argument]) => globalThis.page[call](argument), [command.call, command.with])
}
await browser.close()
server.closeAllConnections()
server.close()
