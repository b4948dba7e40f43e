import { appendFileSync } from 'node:fs'

// For --import: every process of the demo writes down that it was there.
appendFileSync(process.env['PIDS'] ?? '', `${process.pid}\n`)
