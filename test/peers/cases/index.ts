import type { PeerCase } from '../case.ts'
import { credentials } from './credentials.ts'
import { requests } from './requests.ts'
import { sharing } from './sharing.ts'

/** The rows of the table. */
export const cases: readonly PeerCase[] = [...sharing, ...requests, ...credentials]
