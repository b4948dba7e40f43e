import { statusOf } from './case.ts'
import { libraries } from './libraries/index.ts'
import type { PeerCall, Setup } from './library.ts'

const [name, setup = '{}'] = process.argv.slice(2)
const library = libraries.find((candidate) => candidate.name === name)
if (library === undefined) throw new Error(`There is no library "${name}".`)
const parsed: Setup = JSON.parse(setup)
const client = await library.open(parsed)

process.on('message', (call: PeerCall) => {
  void statusOf(client.send(call)).then((status) => process.send?.(status))
})
process.on('disconnect', () => process.exit())
process.send?.('ready')
