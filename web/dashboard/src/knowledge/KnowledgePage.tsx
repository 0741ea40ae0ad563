export default function KnowledgePage() {
  return <main id="main" />;
}
