import { challenges } from './challenges.ts'
import { pointers } from './pointers.ts'
import { storedFile } from './stored-file.ts'
import { storedInPostgres, storedInRedis } from './stored-remotely.ts'
import type { Target } from './target.ts'
import { tokenAnswers } from './token-answers.ts'

export const targets: readonly Target[] = [
  tokenAnswers,
  challenges,
  storedFile,
  storedInRedis,
  storedInPostgres,
  pointers,
]
