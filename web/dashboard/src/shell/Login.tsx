import { Alert, Button, Paper, PasswordInput, SegmentedControl, Stack, Text, TextInput, Title } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { IconAlertCircle } from "@tabler/icons-react";
import { ApiError, api } from "../api/client";
import type { Agent } from "../api/types";
import { useI18n } from "../i18n";
import { wordsOf } from "./Failure";
import { Logo } from "./Logo";
import css from "./login.module.css";

interface Hint {
  email: string;
  password: string;
}

/** The server tells the development login in development alone. */
function useDevelopmentHint() {
  return useQuery({
    queryKey: ["login-hint"],
    queryFn: () => api<{ development_login: Hint | null }>("/api/auth/hint").then((body) => body.development_login),
    retry: false,
    staleTime: Infinity,
  });
}

export function Login() {
  const { t, language, setLanguage } = useI18n();
  const queries = useQueryClient();
  const hint = useDevelopmentHint();
  const form = useForm({
    initialValues: { email: "", password: "", code: "" },
    validate: {
      email: (value) => (/^\S+@\S+$/.test(value.trim()) ? null : t("login.email_invalid")),
      password: (value) => (value ? null : t("login.password_missing")),
    },
  });
  const login = useMutation({
    mutationFn: (body: Hint & { code: string }) => api<{ agent: Agent }>("/api/auth/login", { body }),
    onSuccess: ({ agent }) => queries.setQueryData(["me"], agent),
  });
  const refused = login.error instanceof ApiError ? login.error.code : "";
  const wantsCode = form.values.code !== "" || refused === "code_wanted" || refused === "bad_code";
  return (
    <main className={css.screen}>
      <section className={css.art} aria-hidden="true">
        <Logo size={64} />
        <p className={css.slogan}>{t("login.slogan")}</p>
        <p className={css.sub}>{t("login.slogan_sub")}</p>
      </section>
      <section className={css.side}>
        <Paper className={css.box} component="form" onSubmit={form.onSubmit((values) => login.mutate({ ...values, email: values.email.trim() }))} noValidate>
          <Stack gap="md">
            <div>
              <Title order={1} fz={24}>
                {t("login.title")}
              </Title>
              <Text c="dimmed" size="sm">
                {t("login.intro")}
              </Text>
            </div>
            {login.isError && (
              <Alert role="alert" color={refused === "code_wanted" ? "iris" : "red"} variant="light" icon={<IconAlertCircle />}>
                {wordsOf(login.error, t)}
              </Alert>
            )}
            <TextInput label={t("login.email")} type="email" autoComplete="username" size="md" data-autofocus autoFocus {...form.getInputProps("email")} />
            <PasswordInput
              label={t("login.password")}
              autoComplete="current-password"
              size="md"
              visibilityToggleButtonProps={{ "aria-label": t("login.show_password") }}
              {...form.getInputProps("password")}
            />
            {wantsCode && (
              <TextInput
                label={t("second.code")}
                description={t("second.code_hint")}
                autoComplete="one-time-code"
                size="md"
                autoFocus
                {...form.getInputProps("code")}
              />
            )}
            <Button type="submit" size="md" loading={login.isPending}>
              {t("login.submit")}
            </Button>
            {hint.data && (
              <Alert color="iris" variant="light" title={t("login.development")}>
                <Stack gap={6} align="flex-start">
                  <Text size="sm">
                    <code>{hint.data.email}</code> · <code>{hint.data.password}</code>
                  </Text>
                  <Button size="compact-sm" variant="default" onClick={() => form.setValues({ ...(hint.data as Hint) })}>
                    {t("login.fill_in")}
                  </Button>
                </Stack>
              </Alert>
            )}
            <SegmentedControl
              size="xs"
              aria-label={t("settings.language")}
              value={language}
              onChange={(value) => setLanguage(value as "zh" | "en")}
              data={[
                { value: "zh", label: "中文" },
                { value: "en", label: "English" },
              ]}
            />
          </Stack>
        </Paper>
      </section>
    </main>
  );
}
