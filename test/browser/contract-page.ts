import { encryptedStore } from '@tokenflight/core'
import { webStore } from '@tokenflight/store-web'
import { type StoreContractCase, storeContract } from '@tokenflight/testing'

// Runs in the page: the store contract against real IndexedDB, each case in a database of its own.
let databases = 0
const keys = [{ id: 'k1', key: new Uint8Array(32).fill(7) }]

function create() {
  const name = `contract-${++databases}`
  const open = () => webStore({ name })
  return { store: open(), reopen: open }
}

function createEncrypted() {
  const { store, reopen } = create()
  return { store: encryptedStore(store, { keys }), reopen: () => encryptedStore(reopen(), { keys }) }
}

const contracts: Record<string, StoreContractCase[]> = {
  webStore: storeContract({ create }),
  'encryptedStore over webStore': storeContract({ create: createEncrypted }),
}

export const names: Record<string, string[]> = Object.fromEntries(
  Object.entries(contracts).map(([store, cases]) => [store, cases.map(({ name }) => name)]),
)

export async function run(store: string, name: string): Promise<void> {
  await contracts[store]?.find((each) => each.name === name)?.run()
}
