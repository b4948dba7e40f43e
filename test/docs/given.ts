/** The files beside a snippet that its page speaks of without showing them. */
export const given: Record<string, string> = {
  'redis.ts': "import { createClient } from 'redis'\n\nexport const redis = createClient()\n",
  'database.ts': "import pg from 'pg'\n\nexport const url = ''\nexport const pool = new pg.Pool()\n",
  'schema.ts': 'export interface paths {\n  [path: string]: never\n}\n',
  'fetch-app.ts': "export * from '../../../examples/msw/fetch-app.ts'\n",
}
