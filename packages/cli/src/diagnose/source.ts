import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { printable } from '../terminal.ts'

const chunkSize = 128 * 1024

/** A log that could not be read, in words for the person who named it. */
export class UnreadableError extends Error {}

export interface Source {
  /** As it was named; `-` is stdin. */
  file: string
  /** What is in it, unpacked. */
  chunks: AsyncIterable<Buffer>
  /** One JSON document of a browser's network panel, not lines. */
  har: boolean
}

/** Opens a log. What kind it is shows in its first bytes, not in its name. */
export async function openSource(file: string, stdin: Readable = process.stdin): Promise<Source> {
  const raw = file === '-' ? stdin : createReadStream(file, { highWaterMark: chunkSize })
  const packed = await peek(raw, file)
  const gzip = packed.first[0] === 0x1f && packed.first[1] === 0x8b
  const plain = gzip ? await peek(unpack(packed.chunks), file) : packed
  const other = packings.find(([bytes]) => plain.first.subarray(0, bytes.length / 2).toString('hex') === bytes)
  if (other !== undefined) throw new UnreadableError(`${nameOf(file)} cannot be read: ${other[1]}`)
  const wide = wideEncoding(plain.first)
  const { first, chunks } = wide === undefined ? plain : await peek(narrow(plain.chunks, wide), file)
  return { file, chunks, har: /^\W*\{\s*"log"\s*:\s*\{/.test(first.subarray(0, 4096).toString('utf8')) }
}

/** First bytes, in hexadecimal, of what is no text: better said than read in vain. */
const packings: readonly [bytes: string, what: string][] = [
  ['fd377a585a00', 'it is packed with xz; pipe it in: xzcat ... | tokenflight diagnose'],
  ['28b52ffd', 'it is packed with zstd; pipe it in: zstdcat ... | tokenflight diagnose'],
  ['425a68', 'it is packed with bzip2; pipe it in: bzcat ... | tokenflight diagnose'],
  ['504b0304', 'it is a zip archive; unpack it first'],
]

/** PowerShell writes UTF-16 into files, with its mark at the beginning. */
function wideEncoding(first: Buffer): 'utf-16le' | 'utf-16be' | undefined {
  const mark = first.subarray(0, 2).toString('hex')
  return mark === 'fffe' ? 'utf-16le' : mark === 'feff' ? 'utf-16be' : undefined
}

async function* narrow(chunks: AsyncIterable<Buffer>, encoding: string): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder(encoding)
  for await (const chunk of chunks) yield Buffer.from(decoder.decode(chunk, { stream: true }))
}

async function peek(
  stream: AsyncIterable<unknown>,
  file: string,
): Promise<{ first: Buffer; chunks: AsyncIterable<Buffer> }> {
  const iterator = stream[Symbol.asyncIterator]()
  try {
    const { value, done } = await iterator.next()
    const first = done ? Buffer.alloc(0) : bytesOf(value)
    return { first, chunks: follow(first, iterator, file) }
  } catch (error) {
    throw unreadable(file, error)
  }
}

async function* follow(first: Buffer, iterator: AsyncIterator<unknown>, file: string): AsyncGenerator<Buffer> {
  try {
    if (first.length > 0) yield first
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield bytesOf(next.value)
  } catch (error) {
    throw unreadable(file, error)
  } finally {
    await iterator.return?.()
  }
}

/** A packed log that ends too early (it is still being written, or the disk was full) gives what it has. */
async function* unpack(packed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize })
  const feeding = (async () => {
    for await (const chunk of packed) if (!gunzip.write(chunk)) await new Promise((done) => gunzip.once('drain', done))
    gunzip.end()
  })()
  feeding.catch((error: Error) => gunzip.destroy(error))
  try {
    yield* gunzip
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'Z_BUF_ERROR')) throw error
  }
}

function bytesOf(value: unknown): Buffer {
  return Buffer.isBuffer(value) ? value : Buffer.from(String(value))
}

/** How a file is called where people read it. */
export function nameOf(file: string): string {
  return file === '-' ? 'stdin' : printable(file)
}

function unreadable(file: string, error: unknown): UnreadableError {
  if (error instanceof UnreadableError) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const reasons: Record<string, string> = {
    ENOENT: 'there is no such file',
    EISDIR: 'it is a directory; name the files in it',
    EACCES: 'this user may not read it',
    EMFILE: 'too many files are open; give fewer at once, or join them',
    Z_DATA_ERROR: 'it is packed with gzip and damaged',
  }
  return new UnreadableError(
    `${nameOf(file)} cannot be read: ${reasons[code] ?? (error instanceof Error ? error.message : String(error))}`,
  )
}
