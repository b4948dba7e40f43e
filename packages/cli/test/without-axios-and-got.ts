import { registerHooks } from 'node:module'

// For --import: the machine of somebody who has not installed axios, nor the adapter for got.
registerHooks({
  resolve(specifier, context, nextResolve) {
    if (specifier !== 'axios' && specifier !== '@tokenflight/got') return nextResolve(specifier, context)
    throw Object.assign(new Error(`Cannot find package '${specifier}'`), { code: 'ERR_MODULE_NOT_FOUND' })
  },
})
