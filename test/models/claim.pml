/*
 * The claim protocol: who may present a refresh token, and what becomes of the answer.
 *
 * N processes share one record, which is only ever changed by compare-and-set (its revision is its version). Each wants a token of a later
 * generation. The authorization server is strict: it answers a refresh token once and revokes the whole grant when it sees it again.
 * Processes are killed anywhere, answers get lost, somebody signs in anew at the worst moment; a stopped process is one that does nothing
 * for as long as the checker likes. Every order of all these steps is tried.
 *
 * What must hold:
 *   I1  a refresh token reaches the server the n-th time only under a claim that says n, written before;
 *   I3  nothing kept is overwritten by something older, and a sign-in wins over a refresh under way (R13);
 *   I9  in the end everybody has a token of the server's, or there is one clear end; and an end only where something was truly lost.
 *
 *   -DEXPIRY           nobody can prove a holder's death: its claim is taken over when it has been silent for its time to live, alive or not
 *
 * The broken ones, each a mistake that is easily made:
 *   -DNO_CLAIM         the token is presented and nothing was written before
 *   -DNO_SECOND_LOOK   whoever had to wait for the claim goes on with what was read before
 *   -DBLIND_SET        the claim is set without comparing
 *   -DBLIND_KEEP       so is the outcome
 *   -DNO_FENCE         with EXPIRY: whoever was stopped does not look again before presenting
 */
#ifndef N
#define N 3
#endif
#ifndef CRASHES
#define CRASHES 1
#endif
#ifndef LOSSES
#define LOSSES 1
#endif
#define GOAL 2          /* the generation that everybody waits for */
#define MOST 2          /* presentations of one refresh token, then it is given up */
#define NOBODY 255

/* The record. */
byte revision, generation;
byte token = 1;         /* the refresh token in it */
byte holder = NOBODY;   /* of the claim */
byte presentation;      /* of the claim: 1, or 2 after a takeover */
bool doubt;             /* the holder knows that its answer was lost */
bool ended;             /* reauthorization_required */

/* The authorization server. */
byte issued = 1;
byte current = 1;       /* the one refresh token that is good */
byte former;            /* that of the grant before a sign-in: still good, for nothing that counts */
bool revoked;
byte presented[10];     /* how often each has arrived */

/* What has happened to the processes. */
bool dead[N];
byte crashes, losses;
bool lost;              /* an answer is gone, or a living holder was given up: the window that nobody can close */

#define MAY_DIE(harm) \
  if \
  :: crashes < CRASHES -> atomic { crashes++; dead[_pid] = true; lost = lost || (harm); goto stop } \
  :: true \
  fi

active [N] proctype Process() {
  byte seen, wanted, base, stands, n, answer;
  bool won;
look:
  skip;
  d_step { won = false; answer = 0; seen = revision; wanted = token; base = generation; stands = holder; n = presentation + 1 }
  if
  :: ended || generation >= GOAL -> goto stop
  :: else
  fi;
  if
  :: stands == NOBODY -> n = 1
  :: else ->
     /* Waits until the record changes, the holder is proven dead, or it said itself that it does not know. */
     if
     :: revision != seen -> goto look
     :: dead[stands] && revision == seen
     :: doubt && revision == seen
#ifdef EXPIRY
     :: atomic { revision == seen -> lost = true }
#endif
     fi
  fi;
  if
  :: n > MOST -> d_step { if :: revision == seen -> ended = true; lost = true; holder = NOBODY; revision++ :: else fi }; goto look
  :: else
  fi;

claim:
  skip;
#ifdef NO_CLAIM
  won = true;
#else
  d_step {
#ifdef BLIND_SET
    won = true;
#else
    won = (revision == seen);
#endif
    if
    :: won -> holder = _pid; presentation = n; doubt = false; revision++; seen = revision
    :: else
    fi
  }
#endif
  if
  :: won
  :: else ->
#ifdef NO_SECOND_LOOK
     atomic { holder == NOBODY -> seen = revision; n = 1 }; goto claim
#else
     goto look
#endif
  fi;
  MAY_DIE(false);

  /* Presents it. That the look before it and the request belong together is what the time to live is for: it is more than twice as long. */
  atomic {
#if defined(EXPIRY) && !defined(NO_FENCE)
    if
    :: revision != seen -> goto look
    :: else
    fi;
#endif
    presented[wanted]++;
    assert(presented[wanted] <= n);                                     /* I1 */
    if
    :: wanted == current && !revoked -> issued++; current = issued; answer = issued
    :: wanted == former -> issued++; former = issued; answer = issued
    :: else -> answer = 0; if :: wanted > former -> revoked = true :: else fi
    fi;
    assert(!revoked || lost)                                            /* nobody loses a grant without a loss */
  }
  if
  :: losses < LOSSES ->
     atomic { losses++; lost = true };
     d_step { if :: revision == seen -> doubt = true; revision++ :: else fi };
     goto look
  :: true
  fi;
  MAY_DIE(true);

  /* Keeps what came of it. */
  d_step {
    if
#ifdef BLIND_KEEP
    :: answer != 0 -> generation = base + 1; token = answer; holder = NOBODY; revision++
#else
    /* Where a successor has claimed meanwhile and nothing else has changed, what was redeemed must not be lost. */
    :: answer != 0 && generation == base && token == wanted && !ended ->
       generation++; token = answer; holder = NOBODY; doubt = false; revision++
#endif
    :: answer == 0 && revision == seen -> ended = true; holder = NOBODY; revision++
    :: else
    fi
  }
  goto look;
stop:
  skip;
  /* What an ended process remembers makes no difference: fewer states. */
  d_step { seen = 0; wanted = 0; base = 0; stands = 0; n = 0; answer = 0; won = false }
}

/* Once, whenever it likes: an application's login. */
active proctype SignIn() {
  d_step {
    generation++; issued++; former = current; current = issued; revoked = false;
    token = current; holder = NOBODY; doubt = false; ended = false; revision++
  }
}

/* When nothing moves any more. A process that waits for ever is found by the checker itself, as an invalid end state. */
active proctype End() {
  timeout;
  assert(lost || (!ended && !revoked && token == current))              /* I3, I9, R13 */
}
