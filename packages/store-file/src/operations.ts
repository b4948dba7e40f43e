import fs from 'node:fs/promises'

/**
 * The part of `node:fs/promises` that the store needs. Injected by tests to fail, delay or stop at any system call; an application
 * has no reason to.
 */
export type FileOperations = Pick<
  typeof fs,
  'mkdir' | 'open' | 'readdir' | 'readlink' | 'realpath' | 'rename' | 'rmdir' | 'stat' | 'unlink'
>

export const nodeOperations: FileOperations = fs

/** `ENOENT`, `EACCES`, ...; undefined for what is no system error. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** For steps whose failure changes nothing that matters: tidying, and what is tried again anyway. */
export function ignore(): void {}

/** Two steps at once. Neither is still under way when this ends, also where one of them fails. */
export async function together<A, B>(one: Promise<A>, other: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([one, other])
  return [await one, await other]
}
