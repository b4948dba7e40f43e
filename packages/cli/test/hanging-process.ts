// A caller process that starts, and then neither answers nor leaves, not even when asked politely.
process.send?.({ type: 'ready' })
process.on('SIGTERM', () => {})
process.on('message', () => {
  for (;;);
})
