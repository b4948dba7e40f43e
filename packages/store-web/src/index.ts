export { webSession } from './session.ts'
export { webKeys } from './web-keys.ts'
export { type WebStore, type WebStoreOptions, webStore } from './web-store.ts'
