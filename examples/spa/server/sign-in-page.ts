/** The page of the authorization server, on its own origin: what the user sees between the application and the application. */
export const signInPage = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>Sign in · authorization server</title>
<style>
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; font: 1rem/1.5 system-ui, sans-serif;
         color: light-dark(#12222e, #e4edf2); background: light-dark(#e9eff3, #0a1117) }
  main { margin: 1rem; padding: 2rem; max-width: 24rem; border-radius: 14px; background: light-dark(#fff, #121c24);
         border: 1px solid light-dark(#c9d6de, #263641) }
  h1 { margin: 0 0 .5rem; font-size: 1.25rem }
  p { margin: 0 0 1.5rem }
  button { font: inherit; font-weight: 700; width: 100%; padding: .75rem 1rem; border: 0; border-radius: 8px; cursor: pointer;
           color: light-dark(#fff, #10181e); background: light-dark(#12222e, #ffb84d) }
  button:focus-visible { outline: 3px solid light-dark(#0b6bcb, #7fd1ff); outline-offset: 3px }
</style>
<main>
  <h1>Sign in</h1>
  <p>This is the authorization server, on an origin of its own. No password here: the example is about what comes after.</p>
  <form method="post"><button autofocus>Continue as Amelia</button></form>
</main>
</html>
`
