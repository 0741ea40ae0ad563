/** Hues that keep white initials readable at this lightness (4.5:1 and more). */
const COLORS = ["#5b50cc", "#0b7285", "#a8325e", "#2b6b3f", "#9c4a12", "#37589b", "#7b3fa0", "#5d6314"];

function colorOf(id: string): string {
  let sum = 0;
  for (const char of id) sum = (sum * 31 + (char.codePointAt(0) ?? 0)) % 9973;
  return COLORS[sum % COLORS.length] as string;
}

const HAN = /\p{Script=Han}/u;

/** `AB` of "Ann Berg", `小美` of "林小美", and `M` of "Mei 小美": two scripts do not fit in one. */
function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const first = [...(words[0] ?? "?")];
  if (HAN.test(first[0] ?? "")) return first.slice(-2).join("");
  const last = words.length > 1 ? ([...(words.at(-1) as string)][0] ?? "") : "";
  return `${first[0] ?? "?"}${HAN.test(last) ? "" : last}`.toUpperCase();
}

/** Initials in a colour of their own; decoration, the name is always written beside it. */
export function Portrait({ name, id, size = 40 }: { name: string; id: string; size?: number }) {
  return (
    <span
      aria-hidden="true"
      style={{
        width: size,
        height: size,
        flex: "none",
        borderRadius: "50%",
        background: colorOf(id),
        color: "#fff",
        display: "grid",
        placeItems: "center",
        fontSize: size * 0.36,
        fontWeight: 600,
        userSelect: "none",
      }}
    >
      {initials(name || "?")}
    </span>
  );
}
