// Watches a feed, in Node.js and in a page, with whatever class of `EventSource`, and tells what comes.
const EVENTS = ['snapshot', 'ready', 'update', 'deleted', 'removed', 'reset']

export function watch(Source, { feed, url, ...options }, print) {
  const source = new Source(url, options)
  const tell = ({ type, data }) => print({ feed, type, data: JSON.parse(data) })
  EVENTS.forEach(type => source.addEventListener(type, tell))
  source.onmessage = tell
  source.onerror = () => print({ feed, type: 'error', state: source.readyState })
  return source
}
