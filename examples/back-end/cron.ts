// The cron process: starts, does one round, and is gone.

import { openIntegrations } from './integrations.ts'

const { readInbox, close } = openIntegrations(JSON.parse(process.argv[2] ?? ''))
console.log(JSON.stringify(await Promise.all(['acme', 'globex'].map((tenant) => readInbox(tenant, 'ada')))))
await close()
