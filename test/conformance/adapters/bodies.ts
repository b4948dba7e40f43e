import { createReadStream, openAsBlob } from 'node:fs'
import { Readable } from 'node:stream'
import FormDataPackage from 'form-data'
import type { Capability } from './fixtures/index.ts'
import type { Received } from './receiver.ts'

type Kind = Capability extends infer Name ? (Name extends `body: ${infer Kind}` ? Kind : never) : never

/** One kind of request body. */
export interface BodyKind {
  readonly kind: Kind
  /** It cannot be sent twice. */
  readonly oneShot: boolean
  /** `file` holds the same bytes as `bytes`. */
  make(bytes: Buffer, file: string): unknown
  /** Whether this is all of it, under a content type by which a server can read it. */
  isWhole(received: Received, bytes: Buffer): boolean | Promise<boolean>
}

const isTheBytes: BodyKind['isWhole'] = ({ body }, bytes) => body.equals(bytes)

/** The content type names the boundary, so the form can only be read where both are of one making. */
const isTheForm: BodyKind['isWhole'] = async ({ body, contentType }, bytes) => {
  const headers = { 'content-type': contentType }
  const form = await new Response(new Uint8Array(body), { headers }).formData().catch(() => undefined)
  const file = form?.get('file')
  return (
    form?.get('field') === 'value' && file instanceof Blob && bytes.equals(new Uint8Array(await file.arrayBuffer()))
  )
}

const data = (bytes: Buffer) => ({ data: bytes.toString('base64') })

/** Every kind of body that a platform or a client takes. */
export const bodyKinds: readonly BodyKind[] = [
  {
    kind: 'plain data',
    oneShot: false,
    make: data,
    isWhole: ({ body, contentType }, bytes) =>
      contentType.startsWith('application/json') && body.toString() === JSON.stringify(data(bytes)),
  },
  {
    kind: 'string',
    oneShot: false,
    make: (bytes) => bytes.toString('latin1'),
    isWhole: ({ body }, bytes) => body.toString() === bytes.toString('latin1'),
  },
  { kind: 'Buffer', oneShot: false, make: (bytes) => bytes, isWhole: isTheBytes },
  { kind: 'Uint8Array', oneShot: false, make: (bytes) => new Uint8Array(bytes), isWhole: isTheBytes },
  {
    kind: 'DataView',
    oneShot: false,
    make: (bytes) => new DataView(new Uint8Array(bytes).buffer),
    isWhole: isTheBytes,
  },
  { kind: 'ArrayBuffer', oneShot: false, make: (bytes) => new Uint8Array(bytes).buffer, isWhole: isTheBytes },
  { kind: 'Blob', oneShot: false, make: (bytes) => new Blob([new Uint8Array(bytes)]), isWhole: isTheBytes },
  { kind: 'File', oneShot: false, make: (bytes) => new File([new Uint8Array(bytes)], 'a.bin'), isWhole: isTheBytes },
  { kind: 'file-backed Blob', oneShot: false, make: (_, file) => openAsBlob(file), isWhole: isTheBytes },
  {
    kind: 'array of Buffers',
    oneShot: false,
    make: (bytes) => [bytes.subarray(0, 7), bytes.subarray(7)],
    isWhole: isTheBytes,
  },
  {
    kind: 'URLSearchParams',
    oneShot: false,
    make: (bytes) => new URLSearchParams(data(bytes)),
    isWhole: ({ body, contentType }, bytes) =>
      contentType.startsWith('application/x-www-form-urlencoded') &&
      body.toString() === new URLSearchParams(data(bytes)).toString(),
  },
  {
    kind: 'FormData',
    oneShot: false,
    make(bytes) {
      const form = new FormData()
      form.set('field', 'value')
      form.set('file', new Blob([new Uint8Array(bytes)]), 'a.bin')
      return form
    },
    isWhole: isTheForm,
  },
  {
    kind: 'form-data package',
    oneShot: true,
    make(bytes) {
      const form = new FormDataPackage()
      form.append('field', 'value')
      form.append('file', bytes, 'a.bin')
      return form
    },
    isWhole: isTheForm,
  },
  {
    kind: 'ReadableStream',
    oneShot: true,
    make: (bytes) => new Blob([new Uint8Array(bytes)]).stream(),
    isWhole: isTheBytes,
  },
  {
    kind: 'async generator',
    oneShot: true,
    make: (bytes) =>
      (async function* () {
        yield new Uint8Array(bytes)
      })(),
    isWhole: isTheBytes,
  },
  { kind: 'Node Readable', oneShot: true, make: (bytes) => Readable.from([bytes]), isWhole: isTheBytes },
  { kind: 'file stream', oneShot: true, make: (_, file) => createReadStream(file), isWhole: isTheBytes },
]
