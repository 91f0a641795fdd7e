// Versions of the program as text that sorts as they do, so that whoever compares them (a Lua script, a database) compares text.

const DIGITS = 6

/**
 * @param version `major.minor.patch`, maybe with `-prerelease` and `+build`, as package.json has it; other text sorts before every version
 * @returns text whose order is that of the versions (semver.org 2.0.0, 11; the parts of a prerelease compare as one text)
 */
export function sortableVersion(version: string): string {
  const match = /^v?(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+.*)?$/.exec(version)
  if (match === null) return `!${version}`
  const numbers = match.slice(1, 4).map((part) => padded(part ?? '0'))
  // A release comes after its prereleases: `~` is after every character that a prerelease may have.
  const prerelease = match[4] === undefined ? '~' : match[4].replace(/(?<![0-9A-Za-z-])\d+(?![0-9A-Za-z-])/g, padded)
  return `${numbers.join('.')}.${prerelease}`
}

function padded(digits: string): string {
  return digits.padStart(DIGITS, '0')
}
