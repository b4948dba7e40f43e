import { migration } from '@tokenflight/store-postgres'

console.log(migration({ schema: 'auth', role: 'app' }))
