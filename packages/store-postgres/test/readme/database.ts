import pg from 'pg'

export const url = 'postgres://app@db.internal/app'
export const pool: pg.Pool = new pg.Pool({ connectionString: url })
