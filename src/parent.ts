// Ends the node when the npm that started it is gone: a killed npm must not leave a server behind that nobody sees.

const LOOK_MS = 500

/** Calls `gone` once when this process got another parent. */
export function followParent(gone: () => void): void {
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    gone()
  }, LOOK_MS)
  timer.unref()
}
