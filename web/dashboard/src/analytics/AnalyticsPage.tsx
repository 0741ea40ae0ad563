export default function AnalyticsPage() {
  return <main id="main" />;
}
