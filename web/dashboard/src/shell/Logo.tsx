/** Two speech bubbles meeting in one spark: 心有灵犀. */
export function Logo({ size = 40 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 48 48" role="img" aria-label="Lingxi">
      <rect width="48" height="48" rx="13" fill="#6a5fd8" />
      <path d="M12 16a5 5 0 0 1 5-5h9a5 5 0 0 1 5 5v5a5 5 0 0 1-5 5h-6l-5 4.5V26a5 5 0 0 1-3-4.6z" fill="#fff" />
      <path d="M34 20.5a5 5 0 0 1 3 4.6v5a5 5 0 0 1-3 4.6v4.3L29 35h-5a5 5 0 0 1-4.6-3h7.2a7.4 7.4 0 0 0 7.4-7.4z" fill="#bdb6ff" />
      <circle cx="21.5" cy="18.5" r="2.6" fill="#6a5fd8" />
    </svg>
  );
}
