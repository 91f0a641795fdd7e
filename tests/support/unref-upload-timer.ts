// Baileys leaves a timer of 30 s behind after each upload of pre-keys. Import this first where a test process should end before that.

const startTimer = globalThis.setTimeout
const UPLOAD_TIMEOUT_MS = 30_000

globalThis.setTimeout = Object.assign(
  (action: () => void, delayMs = 0) => {
    const timer = startTimer(action, delayMs)
    return delayMs >= UPLOAD_TIMEOUT_MS ? timer.unref() : timer
  },
  { __promisify__: startTimer.__promisify__ },
)
