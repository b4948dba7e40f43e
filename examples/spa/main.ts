import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'

// `npm run spa` starts the example and prints its address; `npm run spa -- --test` proves in a browser what it shows.

const { values } = parseArgs({
  options: { test: { type: 'boolean', default: false }, port: { type: 'string', default: '5173' } },
})

if (values.test) {
  await import('./test/main.ts')
} else {
  const { startExample } = await import('./server/example.ts')
  // A slow network, so that one can see who refreshes and who waits.
  const example = await startExample(Number(values.port), { before: () => pause(900), after: async () => {} })
  console.log(`${example.url}\n\nOpen it in as many tabs as you like. Ctrl+C ends it.`)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void example.close())
}
