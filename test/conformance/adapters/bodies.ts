import { createReadStream, openAsBlob } from 'node:fs'
import { Readable } from 'node:stream'

/** One kind of request body. */
export interface BodyKind {
  readonly kind: string
  /** It cannot be sent twice. */
  readonly oneShot: boolean
  make(bytes: Buffer, file: string): unknown
}

/** Every kind of body that a platform or a client takes; `file` holds the same bytes as `bytes`. */
export const bodyKinds: readonly BodyKind[] = [
  { kind: 'string', oneShot: false, make: (bytes) => bytes.toString('latin1') },
  { kind: 'Buffer', oneShot: false, make: (bytes) => bytes },
  { kind: 'Uint8Array', oneShot: false, make: (bytes) => new Uint8Array(bytes) },
  { kind: 'DataView', oneShot: false, make: (bytes) => new DataView(new Uint8Array(bytes).buffer) },
  { kind: 'ArrayBuffer', oneShot: false, make: (bytes) => new Uint8Array(bytes).buffer },
  { kind: 'Blob', oneShot: false, make: (bytes) => new Blob([new Uint8Array(bytes)]) },
  { kind: 'File', oneShot: false, make: (bytes) => new File([new Uint8Array(bytes)], 'a.bin') },
  { kind: 'file-backed Blob', oneShot: false, make: (_, file) => openAsBlob(file) },
  { kind: 'URLSearchParams', oneShot: false, make: (bytes) => new URLSearchParams({ data: bytes.toString('base64') }) },
  {
    kind: 'FormData',
    oneShot: false,
    make(bytes) {
      const form = new FormData()
      form.set('field', 'value')
      form.set('file', new Blob([new Uint8Array(bytes)]), 'a.bin')
      return form
    },
  },
  { kind: 'ReadableStream', oneShot: true, make: (bytes) => new Blob([new Uint8Array(bytes)]).stream() },
  {
    kind: 'async generator',
    oneShot: true,
    make: (bytes) =>
      (async function* () {
        yield new Uint8Array(bytes)
      })(),
  },
  { kind: 'Node Readable', oneShot: true, make: (bytes) => Readable.from([bytes]) },
  { kind: 'file stream', oneShot: true, make: (_, file) => createReadStream(file) },
]
