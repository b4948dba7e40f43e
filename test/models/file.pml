/*
 * The compare-and-set of the credential file, made of rename(2).
 *
 * N processes add one to the number in the file, K times each: read it, prepare the next content as the only entry of a private directory,
 * enter by renaming that onto the lock directory (which succeeds only where it is absent or empty), compare, and publish by renaming the entry
 * out of the lock onto the file. Any system call is one step. Processes are killed between any two; and an owner may be judged stale at any
 * time, rightly or not: safety rests on no clock.
 *
 * What must hold:
 *   I3  no update is lost: what an update replaces is what it has compared with, and the number is that of the updates;
 *   I4  a reader never sees half of a content;
 *   I6  an owner that was put out changes nothing.
 *
 * The broken ones:
 *   -DMTIME_LOCK     a lock directory that is removed when it looks old, whoever's it is by then, and that its owner releases in the same way
 *   -DRENAME_BACK    it is moved aside, looked at, and moved back if it was the wrong one
 *   -DNO_FENCE       publishing does not check whose the lock is: the content is renamed from elsewhere
 *   -DNO_COMPARE     what was read before entering is taken for what is there
 *   -DIN_PLACE       the file is written where it is
 */
#ifndef N
#define N 3
#endif
#ifndef K
#define K 1
#endif
#ifndef CRASHES
#define CRASHES 1
#endif
#ifndef TRIES
#define TRIES 2         /* of one process, so that nonces stay few: they are never used again */
#endif
#define FREE 0

byte lock = FREE;       /* the nonce of the entry in the lock directory */
byte content;           /* of the file: how many updates it has seen */
bool torn;              /* it is being written */
byte nonces, updates, crashes;

#define MAY_DIE \
  if \
  :: crashes < CRASHES -> crashes++; goto stop \
  :: true \
  fi

active [N] proctype Process() {
  byte nonce, base, owner, done, tries, aside;
again:
  if
  :: done == K || tries == TRIES -> goto stop
  :: else -> tries++
  fi;
  atomic { assert(!torn); base = content };                             /* I4 */
  atomic { nonces++; nonce = nonces };                                  /* whoever dies up to here has changed nothing */

enter:
  atomic { if :: lock == FREE -> lock = nonce; goto inside :: else -> owner = lock fi };
  if
  :: lock != owner -> goto enter
  :: true ->                                                            /* judged stale: rightly or not */
#if defined(MTIME_LOCK)
     lock = FREE;
#elif defined(RENAME_BACK)
     atomic { aside = lock; lock = FREE };
     if
     :: aside != owner && aside != FREE -> lock = aside                 /* replaces an empty directory that somebody has just made */
     :: else
     fi;
#else
     atomic { if :: lock == owner -> lock = FREE :: else fi };          /* removes exactly that entry */
#endif
     goto enter
  fi;

inside:
  skip;
#ifndef NO_COMPARE
  atomic { assert(!torn); if :: content != base -> goto leave :: else fi };
#endif
  MAY_DIE;
#if defined(IN_PLACE)
  if :: lock == nonce -> torn = true :: else -> goto again fi;
  atomic { torn = false; assert(content == base); content = base + 1; updates++; done++ };
  lock = FREE;
#elif defined(NO_FENCE) || defined(MTIME_LOCK) || defined(RENAME_BACK)
  atomic { assert(content == base); content = base + 1; updates++; done++ };
  lock = FREE;
#else
  /* One system call: the check that the lock is ours, the new content, the release. */
  atomic {
    if
    :: lock == nonce -> assert(content == base); content = base + 1; updates++; done++; lock = FREE    /* I3 */
    :: else                                                             /* ENOENT: put out; I6 */
    fi
  };
#endif
  goto again;

leave:
  atomic { if :: lock == nonce -> lock = FREE :: else fi };
  goto again;
stop:
  skip;
  /* What an ended process remembers makes no difference: fewer states. */
  d_step { nonce = 0; base = 0; owner = 0; done = 0; tries = 0; aside = 0 }
}

active proctype End() {
  timeout;
  assert(content == updates && !torn)
}
