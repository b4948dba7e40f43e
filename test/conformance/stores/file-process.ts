import { fileStore } from '@tokenflight/store-file'
import { serveStoreContract } from '@tokenflight/testing'

const [path = ''] = process.argv.slice(2)
serveStoreContract(fileStore(path, { mutexTimeout: 300 }))
