import { Route, Routes } from "react-router";
import { EntriesPage } from "./EntriesPage";
import { EntryPage, NewEntryPage } from "./editor/EntryPage";
import { ImportPage } from "./import/ImportPage";
import { LintPage } from "./lint/LintPage";
import { RegressionPage } from "./regression/RegressionPage";
import { SynonymsPage } from "./synonyms/SynonymsPage";
import { HitTestPage } from "./test/HitTestPage";
import { UnansweredPage } from "./unanswered/UnansweredPage";

/** Everything below `/knowledge`. */
export default function Knowledge() {
  return (
    <Routes>
      <Route path="entries/new" element={<NewEntryPage />} />
      <Route path="entries/:entryId" element={<EntryPage />} />
      <Route path="import" element={<ImportPage />} />
      <Route path="unanswered" element={<UnansweredPage />} />
      <Route path="test" element={<HitTestPage />} />
      <Route path="regression" element={<RegressionPage />} />
      <Route path="synonyms" element={<SynonymsPage />} />
      <Route path="lint" element={<LintPage />} />
      <Route path="*" element={<EntriesPage />} />
    </Routes>
  );
}
