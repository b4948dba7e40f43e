import type { Client, ClientName } from './client.ts'

const modules: Record<ClientName, () => Promise<{ client: Client }>> = {
  fetch: () => import('./fetch.ts'),
  axios: () => import('./axios.ts'),
  got: () => import('./got.ts'),
  ky: () => import('./ky.ts'),
}

/** Loads this one only: the others may not be installed. */
export async function loadClient(name: ClientName): Promise<Client> {
  return (await modules[name]()).client
}
