#!/usr/bin/env node
import { createRequire } from 'node:module'

const { version } = createRequire(import.meta.url)('../package.json') as { version: string }
// Loaded here alone: whoever imports the library never loads the command.
const { main } = await import('@tokenflight/cli')
process.exitCode = await main(process.argv.slice(2), { version })
