import { openSync } from 'node:fs'
import { isTokenError, type TokenRecord } from '@tokenflight/core'
import { fileStore } from '@tokenflight/store-file'
import { type Step, stepping } from './steps.ts'

/** One operation on one store in a process of its own, which can be caught at a step. */
export interface Order {
  path: string
  /** Write this; absent: read. */
  record?: TokenRecord
  /** Wait there until the next message. */
  stopAt?: Step
  /** Become this user before anything else. */
  uid?: number
  /** Have every file descriptor taken. */
  outOfFiles?: boolean
  umask?: number
}

export type Answer =
  | { type: 'ready' }
  | { type: 'at'; step: Step }
  | { type: 'done'; ok: boolean; accessToken?: string | undefined }
  | { type: 'failed'; code: string; message: string }

const say = (answer: Answer): void => void process.send?.(answer)

async function carryOut(order: Order): Promise<void> {
  if (order.umask !== undefined) process.umask(order.umask)
  if (order.uid !== undefined) {
    process.setgroups?.([order.uid])
    process.setgid?.(order.uid)
    process.setuid?.(order.uid)
  }
  const operations = stepping(order.path, async (step) => {
    if (step !== order.stopAt) return
    const told = new Promise<unknown>((resolve) => void process.once('message', resolve))
    say({ type: 'at', step })
    await told
  })
  const store = fileStore(order.path, { operations })
  try {
    if (order.outOfFiles) takeAllFiles()
    const { record, version } = await store.read('default')
    if (order.record === undefined) return say({ type: 'done', ok: true, accessToken: record?.tokens?.accessToken })
    say({ type: 'done', ...(await store.compareAndSet('default', version, order.record)) })
  } catch (error) {
    if (!isTokenError(error)) throw error
    say({ type: 'failed', code: error.code, message: error.message })
  }
}

function takeAllFiles(): void {
  try {
    for (;;) openSync('/dev/null', 'r')
  } catch {}
}

process.once('message', (order: Order) => void carryOut(order).then(() => process.disconnect()))
say({ type: 'ready' })
