// A caller process that starts, and dies of its first order.
process.send?.({ type: 'ready' })
process.on('message', () => {
  throw new Error('no longer')
})
